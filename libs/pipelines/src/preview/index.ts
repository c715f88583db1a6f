export { previewCard } from './card.js';
export { comparePlayed, playVariant, preview, type Played, type PreviewRequest } from './compare.js';
export { ExportTally, type TallyOptions } from './export-tally.js';
export type { PreviewPipeline } from './play.js';
export { playedFleet, playedRecording, type PlayedRecording } from './played-recording.js';
export {
  previewPriceSchema,
  previewReportSchema,
  type PreviewFigures,
  type PreviewOutcome,
  type PreviewPrice,
  type PreviewReport,
} from './report.js';
export { targetsIn } from './pages.js';
