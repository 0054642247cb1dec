"""Tools, some to a module. Each module's ``join`` adds its own to a server; modules are found by themselves."""
