"""The way out: HTTP and DNS, where they may connect and how much they take."""
