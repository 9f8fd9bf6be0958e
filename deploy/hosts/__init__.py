"""What web, worker, file server and database host are made of, once for AWS and the lab; shipped to every host."""
