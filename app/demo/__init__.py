"""Sample data and the simulated day: two shops, their people, history and orders, and a packer who only scans."""
