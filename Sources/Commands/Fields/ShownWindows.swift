import Analysis
import Base
import Language
import Layers
import Recordings
import Session
import Twin

/// The windows of a recording that one cell of a twin was shown, and the cell's predicted rates.
struct ShownWindows {
  /// The window with the largest predicted rate.
  struct Best {
    var frame: Int
    /// `[channel, time, height, width]`, normalised.
    var values: [Float]
    /// Expected counts per bin; `mean` over all `count` windows.
    var activation: Double
    var mean: Double
    var count: Int
  }

  private let session: Session
  private let twin: LoadedTwin
  private let source: LoadedStimulus
  private let head: Int
  private let cell: Int
  private let inputs: TwinInputs
  let activation: CellActivation
  let grid: FeatureShape
  let title: String

  var rateHz: Double { source.stimulus.rateHz }

  /// - Throws: as loading; `unsupported` for a twin that reads no stimulus.
  init(_ call: Call, in session: Session) throws {
    let twin = try session.loadTwin(call.string("subject"), at: call.span(of: "subject"))
    let source = try session.loadStimulus(call.string("stimulus"), at: call.span(of: "stimulus")).shown(
      to: twin, by: call)
    let head = try twin.head(session: source.session, named: call.optionalString("head"))
    let cid = try call.int("cid")
    let cell = try source.stimulus.cids.place(of: cid, in: source.label, at: call.span(of: "cid"))
    guard twin.architecture.readsStimulus else {
      throw Failure(
        .unsupported, "`\(twin.name)` reads no stimulus, so no stimulus excites it", span: call.span(of: "subject"))
    }
    try self.init(session, twin, source, head: head, cell: cell, cid: cid)
  }

  /// - Parameter cell: position among the recording's cells.
  init(_ session: Session, _ twin: LoadedTwin, _ source: LoadedStimulus, head: Int, cell: Int, cid: Int) throws {
    self.session = session
    self.twin = twin
    self.source = source
    self.head = head
    self.cell = cell
    inputs = try TwinInputs(twin, head: head, source, for: .rates)
    activation = try CellActivation(architecture: twin.architecture, source: twin.source, head: head, cell: cell)
    let stimulus = source.stimulus
    grid = FeatureShape(
      channels: stimulus.channelCount, time: stimulus.lags?.count ?? 0, height: stimulus.height, width: stimulus.width)
    let place = source.session.isEmpty ? "" : " of \(source.session)"
    title = "cell \(cid)\(place): \(twin.name) on \(source.label)"
  }

  /// What the twin is given at one frame.
  func input(_ frame: Int) throws -> TwinInput { try inputs.input(frames: [frame]) }

  /// The window that excites the cell most, among all valid frames.
  ///
  /// - Throws: as `Predictor`.
  func best() throws -> Best {
    let (frames, kept) = try Predictor(session: session).rates(of: twin, head: head, on: source, split: .all)
    let cells = source.stimulus.cellCount
    var (best, largest, sum) = (frames.first ?? 0, -Double.infinity, 0.0)
    var count = 0
    for start in stride(from: 0, to: frames.count, by: 4096) {
      let part = Array(frames[start..<min(frames.count, start + 4096)])
      let rates = try kept.rows(part)
      for (row, frame) in part.enumerated() {
        let rate = Double(rates[row * cells + cell])
        guard rate.isFinite else { continue }
        if rate > largest { (best, largest) = (frame, rate) }
        sum += rate
        count += 1
      }
    }
    guard count > 0 else {
      throw Failure(.undefined, "\(source.label): the twin predicts no finite rate of this cell")
    }
    let window = try source.stimulus.windows(frames: [best])
    return Best(frame: best, values: window.values, activation: largest, mean: sum / Double(count), count: count)
  }

  /// The mean gradient of the rate over some natural windows, `[channel, time, height, width]`.
  ///
  /// - Parameter limit: at most so many windows, evenly over the valid frames of the split.
  func meanGradient(split: Split, limit: Int) throws -> (gradient: [Double], count: Int) {
    let valid = try source.stimulus.frames(split, among: source.stimulus.validFrames())
    let count = min(limit, valid.count)
    let frames = (0..<count).map { valid[$0 * valid.count / max(1, count)] }
    let groups = stride(from: 0, to: count, by: 16).map { Array(frames[$0..<min(count, $0 + 16)]) }
    let gradient = try activation.meanGradient(
      groups.map { group in
        {
          var input = try inputs.input(frames: group)
          input.windows = nil
          input.stimulus = try source.stimulus.windows(frames: group)
          return input
        }
      }, work: session.work)
    return (gradient, count)
  }
}

extension ClosedRange where Bound == Float {
  /// The smallest range that also holds all finite values.
  func widened(to values: [Float]) -> ClosedRange<Float> {
    let finite = values.filter(\.isFinite)
    return Swift.min(lowerBound, finite.min() ?? lowerBound)...Swift.max(upperBound, finite.max() ?? upperBound)
  }
}
