import { Construct } from 'constructs';
import { VmImportImageProps } from '../vm-import-image-props';
export function addImportWarnings(_scope: Construct, _props: VmImportImageProps): void {
}
