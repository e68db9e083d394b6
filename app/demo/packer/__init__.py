"""The simulated packer: a process of its own that speaks HTTP only, and knows nothing but what it reads and scans."""
