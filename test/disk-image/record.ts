// Makes the recorded images anew: npx tsx test/disk-image/record.ts
import { recordImages } from './image-library';

recordImages();
