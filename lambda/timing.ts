/** Temporary until the room of timings lands. */
export const EC2_SETTLES_AFTER = 60;
export const DELETE_SETTLES_AFTER = 120;
/** Seconds for which EBS may refuse to complete a snapshot. The first call may have succeeded, and EC2 may list the result late. */
export const COMPLETION_SETTLES_WITHIN = 600;
