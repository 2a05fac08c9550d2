export const USAGE = `Usage: cdk-vm-import <command> [options]

inspect <file | s3://bucket/key>
  Looks at a disk image (OVA, VMDK, VHD, VHDX, RAW) as EC2 VM Import/Export would, from a few reads.

  --format <OVA|RAW|VHD|VHDX|VMDK>  the format that the import declares
  --boot-mode <legacy-bios|uefi>    the boot mode that the import declares
  --json                            print the inspection as JSON

  Exit status: 0 importable, 1 not importable, 2 not readable or a wrong call.

status
  Shows the imports of an account and Region: what waits, what runs and for how long, what failed and why, what is available.

  --stack <name>                    the imports of one stack only
  --watch                           keep looking until Ctrl-C
  --json                            print JSON; with --watch an object a line, for every step

  Exit status: 0 shown, 2 AWS could not be asked or a wrong call; with --watch 130 after Ctrl-C.

orphans
  Lists images, AMIs, snapshots and running import tasks that carry the tag cdk-vm-import:id and whose stack is gone.

  --delete                          delete what was left behind, after a question
  --yes                             delete without a question
  --include-retained                delete also what a stack retained, or may have retained
  --json                            print the list as JSON

  Exit status: 0 nothing was left behind, 1 something is, 2 AWS could not be asked or a wrong call.

status and orphans ask the account and Region that the AWS CLI would:
  --region <region>                 instead of AWS_REGION, AWS_DEFAULT_REGION or that of the profile
  --profile <name>                  instead of AWS_PROFILE

--help prints this.
`;
