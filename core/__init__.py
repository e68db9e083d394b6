"""What every package stands on: settings, database, tenancy, jobs, audit, storage, codes, sign-in. No domain rule."""
