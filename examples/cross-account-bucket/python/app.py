"""Another account exports virtual machines into its encrypted bucket, in the same Region. This one imports them."""

import os

from aws_cdk import Annotations, App, CfnOutput, Environment, Stack, aws_kms as kms, aws_s3 as s3
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage


class CrossAccountBucketStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        account = self.node.try_get_context("bucketAccount") or "444455556666"
        key_id = self.node.try_get_context("bucketKey") or "1234abcd-12ab-34cd-56ef-1234567890ab"
        key_arn = self.format_arn(service="kms", account=account, resource="key", resource_name=key_id)
        exports = s3.Bucket.from_bucket_attributes(
            self,
            "Exports",
            account=account,
            bucket_name=self.node.try_get_context("bucket") or "their-vm-exports",
            encryption_key=kms.Key.from_key_arn(self, "ExportsKey", key_arn),
        )

        golden = VmImportImage(
            self,
            "Golden",
            disk_containers=[DiskContainer.from_bucket(exports, "handover/billing.ova")],
            platform=Platform.LINUX,
            license_type=LicenseType.BYOL,
            image_name="billing",
            semantic_version="1.0.0",
        )
        # Synthesis says what the other account has to allow. README.md has it.
        Annotations.of(golden).acknowledge_warning("cdk-vm-import:bucketPolicy", "The other account trusts this one.")
        Annotations.of(golden).acknowledge_warning("cdk-vm-import:keyPolicy", "The other account trusts this one.")

        CfnOutput(self, "ImageArn", value=golden.image_arn)
        CfnOutput(self, "AmiId", value=golden.ami_id)


app = App()
# With the account known, synthesis sees that the bucket is another's.
environment = Environment(account=os.getenv("CDK_DEFAULT_ACCOUNT"), region=os.getenv("CDK_DEFAULT_REGION"))
CrossAccountBucketStack(app, "CrossAccountBucket", env=environment)
app.synth()
