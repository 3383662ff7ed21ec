"""What the distribution carries; everything else about it is in pyproject.toml.

The folder `logger` is installed as the package `proofsheet`. Beside its modules, `proofsheet/app` holds what
`streamlit run` needs, laid out as in the repository: Streamlit puts the folder of app.py first on the import path of
the server, so that `dashboard` and `logger` can be imported there and nowhere else.
"""

from setuptools import find_namespace_packages, setup

APP = "proofsheet.app"


def folders(root: str) -> list[str]:
    """The dotted names of a folder and of all in it, those that hold only scripts of the browser too."""
    return find_namespace_packages(include=[root, f"{root}.*"], exclude=["*.__pycache__"])


setup(
    script_name="setup.py",  # Known by its name, this file is not taken for a module of the package in its folder.
    packages=[
        *("proofsheet" + name.removeprefix("logger") for name in folders("logger")),
        APP,
        *(f"{APP}.{name}" for name in [*folders("logger"), *folders("dashboard"), "pages", "assets", "sample_runs"]),
    ],
    package_dir={"proofsheet": "logger", APP: "."},
    package_data={
        "": ["*.js", "*.css"],
        APP: [".streamlit/config.toml"],
        f"{APP}.assets": ["*"],
        f"{APP}.sample_runs": ["**"],
    },
)
