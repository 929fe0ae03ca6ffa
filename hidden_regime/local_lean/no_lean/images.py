"""What the stand-in says of itself and of its one image."""

from __future__ import annotations

from typing import Any

from hidden_regime.local_lean.no_lean.saying import IMAGE, LABEL, LEAN_IMAGE, WHAT

API = "1.44"
LEAST_API = "1.24"
ID = "sha256:" + "0" * 64
VERSION = {
    "Version": f"0 ({WHAT})", "ApiVersion": API, "MinAPIVersion": LEAST_API, "Os": "linux", "Arch": "amd64", "GoVersion": "",
    "GitCommit": "", "KernelVersion": "", "Components": [], "Platform": {"Name": WHAT},
}  # fmt: skip
INFO = {"Name": WHAT, "ServerVersion": "0", "OSType": "linux", "Architecture": "x86_64", "Labels": [f"{LABEL}={WHAT}"]}
LABELS = {
    LABEL: WHAT, "python_version": "3.11", "strict_python_version": "3.11.11", "target_framework": "net9.0", "lean_version": "0",
}  # fmt: skip
"""What lean-cli asks an image for, so that it needs no defaults."""
IMAGE_TOLD: dict[str, Any] = {
    "Id": ID, "RepoTags": [LEAN_IMAGE, IMAGE], "RepoDigests": [], "Created": "1970-01-01T00:00:00Z", "Size": 0, "Labels": LABELS,
    "Os": "linux", "Architecture": "amd64", "Config": {"Labels": LABELS, "Env": [], "User": ""}, "RootFS": {"Type": "layers"},
}  # fmt: skip
"""Without a digest it counts as built here: lean-cli looks for no newer one."""


def is_image(name: str) -> bool:
    """Whether the image goes by this name."""
    tagged = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    return tagged.removeprefix("docker.io/") in IMAGE_TOLD["RepoTags"] or name == ID


def listed() -> dict[str, Any]:
    """The image as a list of images has it, where times are numbers."""
    return {**IMAGE_TOLD, "Created": 0, "ParentId": "", "Containers": 0, "SharedSize": 0}
