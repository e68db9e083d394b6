"""Who may do what: users, grants, sign-ins and API keys. Only the system role reads and writes them."""
