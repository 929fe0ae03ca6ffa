"""A cloud for practice that really runs: QuantConnect's protocol with its contradictions, and the embedded engine behind it.

It builds, queues, backtests, optimises, charges and trades on paper, keeps what it knows in a folder, and goes wrong in the ways
that a test asks for. What it answers is no result of QuantConnect.
"""

from hidden_regime.cloud.fake.faults import Faults
from hidden_regime.cloud.fake.pool import Pool
from hidden_regime.cloud.fake.quirks import Quirks
from hidden_regime.cloud.fake.serving import FakeCloud
from hidden_regime.cloud.fake.settings import Account, Settings

__all__ = ["Account", "FakeCloud", "Faults", "Pool", "Quirks", "Settings"]
