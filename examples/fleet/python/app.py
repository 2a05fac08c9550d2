"""A fleet moves at once. What finds no free place in EC2's quota waits in line for one."""

from aws_cdk import App, CfnOutput, Duration, Stack, aws_cloudwatch_actions as actions, aws_s3 as s3, aws_sns as sns
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage, VmImportProvider, VmImportRole

# 24 machines: more than the 20 that EC2 imports at once in a Region.
MACHINES = [f"{kind}-{number + 1}" for kind, count in (("web", 12), ("app", 8), ("db", 4)) for number in range(count)]


class FleetStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        exports = s3.Bucket.from_bucket_name(self, "Exports", self.node.try_get_context("bucket") or "my-vm-exports")
        # One service role for all of them.
        role = VmImportRole(self, "ImportRole")

        machines = self.node.try_get_context("machines")
        for name in machines.split(",") if machines else MACHINES:
            image = VmImportImage(
                self,
                name,
                disk_containers=[DiskContainer.from_bucket(exports, f"fleet/{name}.vmdk")],
                role=role,
                # Waiting in line counts. No import is to be made dependent on another: the quota alone says who is next.
                timeout=Duration.hours(8),
                platform=Platform.LINUX,
                license_type=LicenseType.BYOL,
                image_name=name,
                semantic_version="1.0.0",
            )
            CfnOutput(self, f"{name}-ami", value=image.ami_id)

        # Nobody looks on for hours: an alarm says that an import failed.
        topic_arn = self.format_arn(service="sns", resource=self.node.try_get_context("topic") or "operations")
        topic = sns.Topic.from_topic_arn(self, "Operations", topic_arn)
        VmImportProvider.get_or_create(self).add_failed_imports_alarm("Alarm").add_alarm_action(actions.SnsAction(topic))


app = App()
FleetStack(app, "Fleet")
app.synth()
