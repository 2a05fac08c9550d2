import { Construct } from 'constructs';
import { VmImportImageProps } from '../vm-import-image-props';
export function validateImport(_scope: Construct, _props: VmImportImageProps): void {
}
