"""An import task that somebody already ran becomes an Image Builder image. Its AMI and snapshots stay theirs."""

from aws_cdk import App, CfnOutput, Stack
from cdk_vm_import import Platform, VmImportImage


class AdoptTaskStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        adopted = VmImportImage(
            self,
            "Adopted",
            import_task_id=self.node.try_get_context("task") or "import-ami-0123456789abcdef0",
            platform=Platform.LINUX,
            image_name="adopted",
            semantic_version="1.0.0",
        )

        CfnOutput(self, "ImageArn", value=adopted.image_arn)
        CfnOutput(self, "AmiId", value=adopted.ami_id)


app = App()
AdoptTaskStack(app, "AdoptTask")
app.synth()
