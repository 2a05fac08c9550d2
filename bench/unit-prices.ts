/**
 * What AWS charges in us-east-1, in US dollars, without any free tier, as its price pages said on the day. No price is asked
 * for over the network.
 */
export const PRICES = {
  asOf: '2026-01',
  /** x86; Arm costs a fifth less a gigabyte-second; https://aws.amazon.com/lambda/pricing/ */
  lambdaRequest: 0.20 / 1e6,
  lambdaGigabyteSecond: 0.0000166667,
  /** Standard workflows, after no free transitions; https://aws.amazon.com/step-functions/pricing/ */
  stateTransition: 0.025 / 1000,
  /** Ingestion of custom logs; https://aws.amazon.com/cloudwatch/pricing/ */
  logsGigabyte: 0.50,
} as const;
