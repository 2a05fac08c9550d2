"""Runs the Python blocks of the README in a wheel: an app as it is, and a part of an app in a stack, with constructs for what it only declares."""

import os
import re
import sys
from pathlib import Path

import aws_cdk
import cdk_vm_import
from aws_cdk import App, Stack, aws_ec2 as ec2, aws_imagebuilder as imagebuilder
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage

# The same as in ../../pasted-blocks.ts.
DECLARED = {
    "golden": lambda stack: VmImportImage(
        stack,
        "GivenImage",
        disk_containers=[DiskContainer.from_snapshot("snap-0123456789abcdef0")],
        platform=Platform.LINUX,
        license_type=LicenseType.BYOL,
        semantic_version="1.0.0",
    ),
    "vpc": lambda stack: ec2.Vpc.from_vpc_attributes(
        stack,
        "GivenVpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["us-east-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
    ),
}

readme = Path(sys.argv[1]).read_text(encoding="utf-8")
blocks = re.findall(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)

out = Path(os.environ["CDK_OUTDIR"])
for number, block in enumerate(blocks, start=1):
    declared = re.findall(r"^# (\w+): [\w.]+$", block, re.MULTILINE)
    if declared:
        app = App()
        # The name that ../../pasted-blocks.ts gives to the second TypeScript block.
        stack = Stack(app, "README2")
        given = {name: DECLARED[name](stack) for name in declared}
        exec(block, {**vars(aws_cdk), **vars(cdk_vm_import), "ec2": ec2, "imagebuilder": imagebuilder, "self": stack, **given})
        app.synth()
    else:
        exec(block, {})
    # The next block may write the same name.
    for template in out.glob("[!0-9]*.template.json"):
        template.rename(out / f"{number}-{template.name}")
