import Analysis
import Recordings

extension Session {
  /// Measures receptive fields of a twin, and of the recorded cells on the same frames.
  ///
  /// - Parameters:
  ///   - measurement: of the stimulus that `source` has open.
  ///   - cells: positions of the cells to measure; all where nil.
  /// - Throws: as `FieldMeasurement.measure` and `Predictor.rates`.
  package func fields(
    of twin: LoadedTwin, head: Int, on source: LoadedStimulus, split: Split, by measurement: FieldMeasurement? = nil,
    cells: [Int]? = nil, keepsPlain: Bool = false
  ) throws -> MeasuredFields {
    let measurement = measurement ?? FieldMeasurement(of: source.stimulus, label: source.label)
    let fields = try measurement.measure(split: split, cells: cells, keepsPlain: keepsPlain, work: work) {
      let (frames, kept) = try Predictor(session: self).rates(of: twin, head: head, on: source, split: split)
      return FieldMeasurement.Rates(frames: frames, rows: kept.rows)
    }
    _ = origin(twin, head: head, on: source, split: split)
    return fields
  }
}
