DEMO_ACCOUNTS: tuple[tuple[str, str], ...] = ()
DEMO_PASSWORD = ""


def is_demo() -> bool:
    return False


def build_people() -> None: ...
def build_learning() -> None: ...
