package app;

import io.github.cdk_vm_import.BootMode;
import io.github.cdk_vm_import.ClientData;
import io.github.cdk_vm_import.DiskContainer;
import io.github.cdk_vm_import.BucketDiskContainerOptions;
import io.github.cdk_vm_import.DiskFormat;
import io.github.cdk_vm_import.IVmImportImage;
import io.github.cdk_vm_import.LicenseType;
import io.github.cdk_vm_import.Platform;
import io.github.cdk_vm_import.VmImportImage;
import io.github.cdk_vm_import.VmImportImageAttributes;
import io.github.cdk_vm_import.VmImportProvider;
import io.github.cdk_vm_import.VmImportRole;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Tags;
import software.amazon.awscdk.services.ec2.LaunchTemplate;
import software.amazon.awscdk.services.imagebuilder.CfnImageRecipe;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.IBucket;

/** The same app as in ../../../../../../typescript, python and go: keep them alike. */
public final class Languages {
    private Languages() {}

    public static void main(final String[] args) {
        final App app = new App();
        final Stack stack = new Stack(app, "Languages");

        final IBucket bucket = Bucket.fromBucketName(stack, "Exports", "my-vm-exports");
        final IKey key = Key.fromKeyArn(
                stack, "Key", "arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555");
        final VmImportProvider provider = VmImportProvider.Builder.create(stack, "Provider")
                .pollInterval(Duration.minutes(1))
                .build();
        final VmImportRole role = VmImportRole.Builder.create(stack, "ImportRole")
                .roleName("languages-import")
                .build();

        final VmImportImage database = VmImportImage.Builder.create(stack, "Database")
                .diskContainers(List.of(
                        DiskContainer.fromBucket(
                                bucket,
                                "db/boot.vmdk",
                                BucketDiskContainerOptions.builder().deviceName("/dev/sda1").description("boot").build()),
                        DiskContainer.fromBucket(
                                bucket,
                                "db/data-2026-01",
                                BucketDiskContainerOptions.builder().deviceName("/dev/sdb").format(DiskFormat.VHD).build()),
                        DiskContainer.fromSnapshot("snap-0123456789abcdef0")))
                .platform(Platform.WINDOWS)
                .osVersion("Microsoft Windows Server 2022")
                .bootMode(BootMode.UEFI)
                .licenseType(LicenseType.BYOL)
                .imageName("database")
                .semanticVersion("1.0.0")
                .encryptionKey(key)
                .clientData(ClientData.builder().comment("exported by the nightly job").uploadSize(8.5).build())
                .tags(Map.of("cost-center", "42"))
                .timeout(Duration.hours(2))
                .maxAttempts(3)
                .removalPolicy(RemovalPolicy.RETAIN)
                .provider(provider)
                .role(role)
                .build();
        Tags.of(database).add("team", "storage");

        final VmImportImage appliance = VmImportImage.Builder.create(stack, "Appliance")
                .diskContainers(List.of(DiskContainer.fromAsset((String) app.getNode().tryGetContext("disk"))))
                .platform(Platform.LINUX)
                .licenseType(LicenseType.BYOL)
                .semanticVersion("2.1.0")
                .provider(provider)
                .build();
        final IVmImportImage elsewhere = VmImportImage.fromVmImportImageAttributes(
                stack,
                "Elsewhere",
                VmImportImageAttributes.builder()
                        .imageArn("arn:aws:imagebuilder:eu-central-1:111111111111:image/elsewhere/1.2.3/4")
                        .amiId("ami-0123456789abcdef0")
                        .build());

        LaunchTemplate.Builder.create(stack, "LaunchTemplate").machineImage(database).build();
        CfnImageRecipe.Builder.create(stack, "Recipe")
                .name("appliance")
                .version("1.0.0")
                .parentImage(appliance.getImageArn())
                .components(List.of(CfnImageRecipe.ComponentConfigurationProperty.builder()
                        .componentArn("arn:aws:imagebuilder:eu-central-1:aws:component/update-linux/x.x.x")
                        .build()))
                .build();
        CfnOutput.Builder.create(stack, "Snapshots")
                .value(Fn.join(",", database.getSnapshotIds()))
                .build();
        CfnOutput.Builder.create(stack, "ElsewhereVersion")
                .value(elsewhere.getImageVersion())
                .build();
        app.synth();
    }
}
