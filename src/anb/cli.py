from anb.settings import load


def main() -> None:
    load
