/** Does the jobs in their order, at most so many at once; gives the results in the order of the jobs. */
export async function inLanes<Job, Result>(lanes: number, jobs: readonly Job[], work: (job: Job) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < jobs.length; index = next++) {
      results[index] = await work(jobs[index] as Job);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
