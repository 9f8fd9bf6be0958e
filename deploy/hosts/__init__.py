"""Sets up web, worker, file server and database hosts, on AWS and in the lab. Shipped to every host."""
