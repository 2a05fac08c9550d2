from aws_cdk import App, CfnOutput, Duration, Fn, RemovalPolicy, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_imagebuilder as imagebuilder
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from cdk_vm_import import (
    BootMode,
    ClientData,
    DiskContainer,
    DiskFormat,
    LicenseType,
    Platform,
    VmImportImage,
    VmImportProvider,
    VmImportRole,
)

# The same app as in ../typescript, ../java and ../go: keep them alike.
app = App()
stack = Stack(app, "Languages")

bucket = s3.Bucket.from_bucket_name(stack, "Exports", "my-vm-exports")
key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555")
provider = VmImportProvider(stack, "Provider", poll_interval=Duration.minutes(1))
role = VmImportRole(stack, "ImportRole", role_name="languages-import")

database = VmImportImage(
    stack,
    "Database",
    disk_containers=[
        DiskContainer.from_bucket(bucket, "db/boot.vmdk", device_name="/dev/sda1", description="boot"),
        DiskContainer.from_bucket(bucket, "db/data-2026-01", device_name="/dev/sdb", format=DiskFormat.VHD),
        DiskContainer.from_snapshot("snap-0123456789abcdef0"),
    ],
    platform=Platform.WINDOWS,
    os_version="Microsoft Windows Server 2022",
    boot_mode=BootMode.UEFI,
    license_type=LicenseType.BYOL,
    image_name="database",
    semantic_version="1.0.0",
    encryption_key=key,
    client_data=ClientData(comment="exported by the nightly job", upload_size=8.5),
    tags={"cost-center": "42"},
    timeout=Duration.hours(2),
    max_attempts=3,
    removal_policy=RemovalPolicy.RETAIN,
    provider=provider,
    role=role,
)
Tags.of(database).add("team", "storage")

appliance = VmImportImage(
    stack,
    "Appliance",
    disk_containers=[DiskContainer.from_asset(app.node.try_get_context("disk"))],
    platform=Platform.LINUX,
    license_type=LicenseType.BYOL,
    semantic_version="2.1.0",
    provider=provider,
)
elsewhere = VmImportImage.from_vm_import_image_attributes(
    stack,
    "Elsewhere",
    image_arn="arn:aws:imagebuilder:eu-central-1:111111111111:image/elsewhere/1.2.3/4",
    ami_id="ami-0123456789abcdef0",
)

ec2.LaunchTemplate(stack, "LaunchTemplate", machine_image=database)
imagebuilder.CfnImageRecipe(
    stack,
    "Recipe",
    name="appliance",
    version="1.0.0",
    parent_image=appliance.image_arn,
    components=[
        imagebuilder.CfnImageRecipe.ComponentConfigurationProperty(
            component_arn="arn:aws:imagebuilder:eu-central-1:aws:component/update-linux/x.x.x",
        ),
    ],
)
CfnOutput(stack, "Snapshots", value=Fn.join(",", database.snapshot_ids))
CfnOutput(stack, "ElsewhereVersion", value=elsewhere.image_version)
app.synth()
