"""Second factors: authenticator apps, passkeys, recovery codes, and the step after the password that asks for one."""
