"""An invented city for trying the product out: units, people, a history of learning.

Uses the actions of the rooms like any page; what belongs to real sites does not belong here.
"""

from lms.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD, is_demo
from lms.demo.learning import build_learning
from lms.demo.people import build_people

__all__ = ["DEMO_ACCOUNTS", "DEMO_PASSWORD", "build_learning", "build_people", "is_demo"]
