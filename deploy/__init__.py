"""The deployment document made true: what each host is made of, the same on AWS, the same in a lab on one machine."""
