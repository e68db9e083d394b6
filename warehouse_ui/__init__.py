"""Every screen: thin routes, templates, and the bench station in TypeScript. No rule of the domain lives here."""
