# Sourced by the scripts of the root folder, which read their options before they install or start anything.

# read_options HELP KNOWN "$@": prints the help and ends where it is asked for; refuses what is not among KNOWN.
read_options() {
    local help=$1 known=$2 option
    shift 2
    for option in "$@"; do
        case " --help -h $known " in
            *" $option "*) ;;
            *)
                printf 'Unknown option: %s\n\n%s\n' "$option" "$help" >&2
                exit 2
                ;;
        esac
    done
    for option in "$@"; do
        case $option in
            --help | -h)
                printf '%s\n' "$help"
                exit 0
                ;;
        esac
    done
}
