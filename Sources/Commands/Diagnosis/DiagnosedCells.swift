import Base
import Fitting
import Language
import Metrics
import Recordings
import Session
import Twin

/// What `why` looks at, gathered once for all cells that are asked about.
struct DiagnosedCells {
  /// All valid frames, whatever their split.
  let predictions: Predictions
  /// Rows that scores are of: held-out trials.
  let scoredRows: [Int]
  /// Positions of the cells among the recording's.
  let cells: [Int]
  let responses: RepeatedResponses?
  /// By place in `cells`; nil where the stimulus gives no fields.
  let fields: [FieldTable.Row]?
  /// Of the images that the fields are of.
  let imageSize: (height: Int, width: Int)
  /// By position of the cell, in pixels of the stimulus where they are known; nil where they are not Gaussian.
  let readouts: [ReadoutGeometry]?
  /// The same in pixels of the feature map.
  let rawReadouts: [ReadoutGeometry]?
  /// Of the feature map.
  let mapSize: (height: Int, width: Int)?
  let refit: RefittedCells
  /// Whether what needs the core's features was left out.
  let isQuick: Bool
  /// nil where they are not known, or with --quick.
  let training: TrainingShares?
  /// Largest width that training allows, in pixels of the feature map.
  let widthLimit: Double?

  /// - Parameter isQuick: without what needs the core's features.
  init(
    _ twin: LoadedTwin, on source: LoadedStimulus, head named: String?, cells: [Int]?, isQuick: Bool, session: Session
  ) throws {
    self.isQuick = isQuick
    let stimulus = source.stimulus
    let head = try twin.head(session: source.session, named: named)
    let cells = cells ?? Array(0..<stimulus.cellCount)
    self.cells = cells
    let predictions = try Predictor(session: session).predictions(of: twin, head: head, on: source, split: .all)
    self.predictions = predictions
    _ = session.origin(twin, head: head, on: source, split: .all)
    let scored = Set(try stimulus.frames(.val, among: predictions.frames))
    scoredRows = predictions.frames.indices.filter { scored.contains(predictions.frames[$0]) }
    guard !scoredRows.isEmpty else {
      throw Failure(
        .undefined, "\(source.label) has no valid held-out frame to score",
        hint: "`show \(source.recordingName)` tells how many bins are valid")
    }
    responses = try RepeatedResponses(source, cells: cells, session: session)
    imageSize = (stimulus.height, stimulus.width)
    fields = try Self.fields(of: twin, on: source, head: head, cells: cells, session: session)
    readouts = try ReadoutGeometry.all(of: twin, head: head, stimulus: stimulus)
    rawReadouts = try ReadoutGeometry.all(of: twin, head: head, stimulus: nil)
    mapSize =
      if let lags = stimulus.lags {
        try twin.architecture.featureSize(input: [1, lags.count, stimulus.height, stimulus.width], head: head)
      } else {
        nil
      }
    refit =
      isQuick
      ? .none("not tried: --quick")
      : try RefittedCells(of: twin, head: head, on: source, rows: predictions, cells: cells, session: session)
    training = isQuick ? nil : try TrainingShares(of: twin, head: head, on: source, predictions, session: session)
    widthLimit =
      twin.architecture.configuration["regularization"]?.listValue?.first {
        $0["type"]?.stringValue == "proximal_clamp_positive"
          && ($0["apply_to"]?.listValue ?? []).contains { $0.stringValue == "readouts/std" }
      }?["lambda"]?.doubleValue
  }

  /// Receptive fields are evidence beside others: a stimulus that gives none keeps nobody from an answer.
  private static func fields(
    of twin: LoadedTwin, on source: LoadedStimulus, head: Int, cells: [Int], session: Session
  ) throws -> [FieldTable.Row]? {
    guard source.stimulus.channelCount == 1 else { return nil }
    do {
      let measured = try FieldMeasurement(session, twin, on: source, head: head, split: .all).measure(cells: cells)
      return cells.indices.map { FieldTable.row(measured, $0, map: nil) }
    } catch let failure as Failure where [.undefined, .mismatch].contains(failure.kind) {
      return nil
    }
  }
}
