"""Who the customer is: identity, consent, history and segments, and the links to CRM systems."""
