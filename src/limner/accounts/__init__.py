"""Who may use this server: users, their keys, what a key allows and how much a user may take."""
