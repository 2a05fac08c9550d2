// The same app as in ../typescript, ../python and ../java: keep them alike.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsimagebuilder"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-vm-import/cdk-vm-import-go/cdkvmimport"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Languages"), nil)

	bucket := awss3.Bucket_FromBucketName(stack, jsii.String("Exports"), jsii.String("my-vm-exports"))
	key := awskms.Key_FromKeyArn(stack, jsii.String("Key"),
		jsii.String("arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555"))
	provider := cdkvmimport.NewVmImportProvider(stack, jsii.String("Provider"), &cdkvmimport.VmImportProviderProps{
		PollInterval: awscdk.Duration_Minutes(jsii.Number(1)),
	})
	role := cdkvmimport.NewVmImportRole(stack, jsii.String("ImportRole"), &cdkvmimport.VmImportRoleProps{
		RoleName: jsii.String("languages-import"),
	})

	database := cdkvmimport.NewVmImportImage(stack, jsii.String("Database"), &cdkvmimport.VmImportImageProps{
		DiskContainers: &[]cdkvmimport.DiskContainer{
			cdkvmimport.DiskContainer_FromBucket(bucket, jsii.String("db/boot.vmdk"), &cdkvmimport.BucketDiskContainerOptions{
				DeviceName:  jsii.String("/dev/sda1"),
				Description: jsii.String("boot"),
			}),
			cdkvmimport.DiskContainer_FromBucket(bucket, jsii.String("db/data-2026-01"), &cdkvmimport.BucketDiskContainerOptions{
				DeviceName: jsii.String("/dev/sdb"),
				Format:     cdkvmimport.DiskFormat_VHD,
			}),
			cdkvmimport.DiskContainer_FromSnapshot(jsii.String("snap-0123456789abcdef0"), nil),
		},
		Platform:        cdkvmimport.Platform_WINDOWS,
		OsVersion:       jsii.String("Microsoft Windows Server 2022"),
		BootMode:        cdkvmimport.BootMode_UEFI,
		LicenseType:     cdkvmimport.LicenseType_BYOL,
		ImageName:       jsii.String("database"),
		SemanticVersion: jsii.String("1.0.0"),
		EncryptionKey:   key,
		ClientData: &cdkvmimport.ClientData{
			Comment:    jsii.String("exported by the nightly job"),
			UploadSize: jsii.Number(8.5),
		},
		Tags:          &map[string]*string{"cost-center": jsii.String("42")},
		Timeout:       awscdk.Duration_Hours(jsii.Number(2)),
		MaxAttempts:   jsii.Number(3),
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		Provider:      provider,
		Role:          role,
	})
	awscdk.Tags_Of(database).Add(jsii.String("team"), jsii.String("storage"), nil)

	disk, _ := app.Node().TryGetContext(jsii.String("disk")).(string)
	appliance := cdkvmimport.NewVmImportImage(stack, jsii.String("Appliance"), &cdkvmimport.VmImportImageProps{
		DiskContainers:  &[]cdkvmimport.DiskContainer{cdkvmimport.DiskContainer_FromAsset(jsii.String(disk), nil)},
		Platform:        cdkvmimport.Platform_LINUX,
		LicenseType:     cdkvmimport.LicenseType_BYOL,
		SemanticVersion: jsii.String("2.1.0"),
		Provider:        provider,
	})
	elsewhere := cdkvmimport.VmImportImage_FromVmImportImageAttributes(stack, jsii.String("Elsewhere"), &cdkvmimport.VmImportImageAttributes{
		ImageArn: jsii.String("arn:aws:imagebuilder:eu-central-1:111111111111:image/elsewhere/1.2.3/4"),
		AmiId:    jsii.String("ami-0123456789abcdef0"),
	})

	awsec2.NewLaunchTemplate(stack, jsii.String("LaunchTemplate"), &awsec2.LaunchTemplateProps{MachineImage: database})
	awsimagebuilder.NewCfnImageRecipe(stack, jsii.String("Recipe"), &awsimagebuilder.CfnImageRecipeProps{
		Name:        jsii.String("appliance"),
		Version:     jsii.String("1.0.0"),
		ParentImage: appliance.ImageArn(),
		Components: &[]*awsimagebuilder.CfnImageRecipe_ComponentConfigurationProperty{
			{ComponentArn: jsii.String("arn:aws:imagebuilder:eu-central-1:aws:component/update-linux/x.x.x")},
		},
	})
	awscdk.NewCfnOutput(stack, jsii.String("Snapshots"), &awscdk.CfnOutputProps{
		Value: awscdk.Fn_Join(jsii.String(","), database.SnapshotIds()),
	})
	awscdk.NewCfnOutput(stack, jsii.String("ElsewhereVersion"), &awscdk.CfnOutputProps{Value: elsewhere.ImageVersion()})
	app.Synth(nil)
}
