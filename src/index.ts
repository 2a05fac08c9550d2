export * from './ami-options';
export * from './disk-container';
export * from './disk-format';
export * from './image-options';
export * from './vm-import-image';
export * from './vm-import-provider';
export * from './vm-import-role';
export * from './vm-import-snapshot';
