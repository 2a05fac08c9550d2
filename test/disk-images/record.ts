// Makes the recorded images anew: npx tsx test/disk-images/record.ts
import { recordImages } from './image-library';

recordImages();
