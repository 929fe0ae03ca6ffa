"""Builds the C++ kernels where a compiler is at hand; everything else about the package is in pyproject.toml.

Without a compiler, or where it fails, the installation goes on and numba serves the kernels.
`HIDDEN_REGIME_SANITIZE=address,undefined` in the environment builds them for the sanitizers, `HIDDEN_REGIME_KERNELS=kept` takes
those that lie in the source folder already: one build serves every Python.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCES = Path("hidden_regime/kernels/native")
COMMON = ["-std=c++17", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-g0",
          "-Wno-psabi", "-Wno-maybe-uninitialized"]  # fmt: skip
MACHINES = {"avx512": ["-march=x86-64-v4"], "avx2": ["-march=x86-64-v3"], "portable": []}
X86 = platform.machine().lower() in ("x86_64", "amd64")


class Kernels(build_ext):
    """Compiles one source once for each kind of machine, and links all of them into one module with one exported symbol."""

    def build_extension(self, extension: Extension) -> None:
        """Compile and link; a failure is told and forgiven."""
        try:
            self._build(extension)
        except Exception as error:
            print(f"hidden-regime: the C++ kernels were not built ({error}); numba will serve instead.", file=sys.stderr)

    def _build(self, extension: Extension) -> None:
        sanitizers = os.environ.get("HIDDEN_REGIME_SANITIZE", "")
        # At -O3 the checks of what is unrolled take the compiler many minutes.
        checks = [f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-O1"] if sanitizers else []
        out = Path(self.get_ext_fullpath(extension.name))
        out.parent.mkdir(parents=True, exist_ok=True)
        kept = SOURCES.parent / out.name
        if os.environ.get("HIDDEN_REGIME_KERNELS") == "kept" and kept.exists():
            if kept.resolve() != out.resolve():
                shutil.copy2(kept, out)
            return
        target = Path(self.build_temp)
        target.mkdir(parents=True, exist_ok=True)
        # C++ drivers, which setuptools keeps apart from the C ones.
        compiler = [*(getattr(self.compiler, "compiler_so_cxx", None) or ["c++"])[:1]]
        plain = sorted(path.stem for path in SOURCES.glob("*.cpp") if path.stem != "variant")
        jobs = [(name, ["-O2", *(["-DHR_X86"] if X86 else [])]) for name in plain]
        # Packing scalars of the recursions into vectors would send each through memory on its way to the next step.
        variant = ["-O3", "-fno-tree-slp-vectorize"]
        machines = {name: flags for name, flags in MACHINES.items() if X86 or name == "portable"}
        jobs += [(name, [*variant, f"-DHR_VARIANT={name}", *flags]) for name, flags in machines.items()]

        def compile_one(job: tuple[str, list[str]]) -> str:
            name, flags = job
            source = SOURCES / f"{name if name in plain else 'variant'}.cpp"
            out = str(target / f"{name}.o")
            include = [f"-I{path}" for path in self.compiler.include_dirs]
            self.spawn([*compiler, *COMMON, *flags, *checks, *include, "-c", str(source), "-o", out])
            return out

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            objects = list(pool.map(compile_one, jobs))
        if sys.platform == "darwin":
            link = ["-bundle", "-undefined", "dynamic_lookup", "-Wl,-exported_symbol,_PyInit__native"]
        else:
            exports = target / "exports"
            exports.write_text("{ global: PyInit__native; local: *; };\n", encoding="utf-8")
            link = ["-shared", "-pthread", "-Wl,-Bsymbolic", f"-Wl,--version-script={exports}"]
        self.spawn([*compiler, *link, *checks, *objects, "-o", str(out)])

    def get_ext_filename(self, name: str) -> str:
        """One binary for every Python from 3.11 on: the stable interface."""
        return str(Path(*name.split("."))) + ".abi3.so"

    def get_outputs(self) -> list[str]:
        """What was built, which may be nothing."""
        return [path for path in super().get_outputs() if Path(path).exists()]

    def copy_extensions_to_source(self) -> None:
        """For an editable installation, if there is anything to copy."""
        if all(Path(self.get_ext_fullpath(extension.name)).exists() or self.inplace for extension in self.extensions):
            super().copy_extensions_to_source()


setup(
    ext_modules=[
        Extension(
            "hidden_regime.kernels._native",
            [str(path) for path in sorted(SOURCES.glob("*.cpp"))],
            optional=True,
            py_limited_api=True,
        )
    ],
    cmdclass={"build_ext": Kernels},
    # The tag of what the module's stable interface runs on.
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
