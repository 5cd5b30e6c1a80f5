"""`python -m vcsh_kernel install …` installs the kernelspec; otherwise Jupyter starts the kernel."""

import sys


def main() -> int:
    if sys.argv[1:2] == ["install"]:
        from .install import install

        return install(sys.argv[2:])

    from ipykernel.kernelapp import IPKernelApp

    from .kernel import VcshKernel

    IPKernelApp.launch_instance(kernel_class=VcshKernel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
