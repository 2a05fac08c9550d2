export * from './disk-container';
export * from './disk-format';
export * from './image-options';
export * from './vm-import-image';
export * from './vm-import-image-interface';
export * from './vm-import-image-props';
export * from './vm-import-provider';
export * from './vm-import-role';
