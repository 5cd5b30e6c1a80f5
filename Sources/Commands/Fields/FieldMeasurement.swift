import Base
import Language
import Metrics
import Recordings
import Rendering
import Session

/// Receptive fields of a twin and of the data it is held against, on the same frames.
struct MeasuredFields {
  var origin: SubjectOrigin
  var cids: [CellID]
  var height: Int
  var width: Int
  var rateHz: Double
  var frameCount: Int
  /// Speed in deg/s from which on frames were left out (also where nothing tells it), and how many; nil where nobody asked.
  var eyeSpeed: (limit: Double, leftOut: Int)?
  /// What latency and place are read off: plain, or of whitened frames.
  var sums: FieldSums
  /// Of the frames as they are; nil where nobody asked.
  var plain: FieldSums?
  var whitener: SpatialWhitener?

  var lagCount: Int { sums.lagCount }

  /// For a note.
  var eyeSpeedNote: String? {
    eyeSpeed.map { limit, leftOut in
      "eye slower than \(NumberText.of(limit)) deg/s (\(leftOut) frame\(leftOut == 1 ? "" : "s") left out)"
    }
  }
}

/// Reads a recording through once, and once more before that to whiten it.
struct FieldMeasurement {
  let session: Session
  let twin: LoadedTwin
  let source: LoadedStimulus
  let head: Int
  let split: Split
  let lagCount: Int
  let isWhitened: Bool
  /// deg/s; nil where all frames are taken.
  let maxEyeSpeed: Double?

  /// Values of a stretch's images: 16 MB of float32, twice that with the squares.
  private static let stretchValues = 4 << 20
  /// Frames whose whitening takes minutes and gigabytes.
  private static let whitenedPixels = 5000

  private var stimulus: Stimulus { source.stimulus }

  /// What `TWIN on REC/STIM [--split …] [--head …] [--lags …] [--whiten]` names.
  init(_ call: Call, in session: Session) throws {
    let twin = try session.loadTwin(call.string("subject"), at: call.span(of: "subject"))
    let source = try session.loadStimulus(call.string("stimulus"), at: call.span(of: "stimulus"))
      .shown(to: twin, by: call)
    let head = try twin.head(session: source.session, named: call.optionalString("head"))
    let lags = try call.optionalInt("lags")
    if let lags, !(1...Self.lagLimit).contains(lags) {
      throw Failure(
        .usage, "--lags \(lags) is out of range", hint: "from 1 to \(Self.lagLimit)", span: call.span(of: "lags"))
    }
    let maxEyeSpeed = call.isGiven("max-eye-speed") ? try call.float("max-eye-speed") : nil
    if let maxEyeSpeed, !(maxEyeSpeed > 0) {
      throw Failure(.usage, "--max-eye-speed must be above 0", span: call.span(of: "max-eye-speed"))
    }
    self.init(
      session, twin, on: source, head: head, split: try session.split(of: call), lagCount: lags,
      isWhitened: call.isSet("whiten"), maxEyeSpeed: maxEyeSpeed)
    guard stimulus.channelCount == 1 else {
      throw Failure(
        .unsupported, "\(source.label) has \(stimulus.channelCount) channels: receptive fields are of one",
        span: call.span(of: "stimulus"))
    }
    if isWhitened, stimulus.height * stimulus.width > Self.whitenedPixels {
      throw Failure(
        .unsupported, "\(stimulus.height) x \(stimulus.width) pixels are too many to whiten",
        hint: "leave out --whiten", span: call.span(of: "whiten"))
    }
  }

  /// - Parameter lagCount: those of the recording's YAML, else 18, where nil.
  init(
    _ session: Session, _ twin: LoadedTwin, on source: LoadedStimulus, head: Int, split: Split, lagCount: Int? = nil,
    isWhitened: Bool = false, maxEyeSpeed: Double? = nil
  ) {
    self.session = session
    self.twin = twin
    self.source = source
    self.head = head
    self.split = split
    self.isWhitened = isWhitened
    self.maxEyeSpeed = maxEyeSpeed
    let known = (source.stimulus.lags?.max()).map { min($0 + 1, Self.lagLimit) }
    self.lagCount = lagCount ?? known ?? Self.fallbackLags
  }

  private static let lagLimit = 240
  private static let fallbackLags = 18

  /// - Parameters:
  ///   - cells: positions of the cells that are asked for; all where nil.
  ///   - keepsPlain: whether the plain averages are wanted beside the whitened ones.
  func measure(cells: [Int]? = nil, keepsPlain: Bool = false) throws -> MeasuredFields {
    // Before the core runs: a recording without gaze is refused at once.
    let speeds = try maxEyeSpeed.map { _ in try stimulus.eyeSpeeds() }
    let (valid, kept) = try Predictor(session: session).rates(of: twin, head: head, on: source, split: split)
    let whole = try stimulus.framesWithWholeWindows(valid, lagCount: lagCount)
    guard !whole.isEmpty else {
      throw Failure(
        .undefined, "\(source.label): no valid frame of split `\(split.rawValue)` has \(lagCount) frames before it",
        hint: "ask for fewer --lags")
    }
    let frames = try slow(whole, speeds)
    let cells = cells ?? Array(0..<stimulus.cellCount)
    let pixels = stimulus.height * stimulus.width
    let whitener = isWhitened ? try whitener() : nil
    func sums(_ scale: FieldSums.Scale) -> FieldSums {
      FieldSums(cellCount: cells.count, pixelCount: pixels, lagCount: lagCount, scale: scale)
    }
    var fields = MeasuredFields(
      origin: session.origin(twin, head: head, on: source, split: split), cids: cells.map { stimulus.cids[$0] },
      height: stimulus.height, width: stimulus.width, rateHz: stimulus.rateHz, frameCount: frames.count,
      eyeSpeed: maxEyeSpeed.map { ($0, whole.count - frames.count) },
      sums: sums(whitener.map { .whitened(meanSquare: $0.meanSquare) } ?? .plain),
      plain: isWhitened && keepsPlain ? sums(.plain) : nil, whitener: whitener)
    let work = Work(cancellation: session.work.cancellation)
    try eachStretch(of: frames, lagCount: lagCount, title: "receptive fields") { stretch in
      let all = try kept.rows(stretch.frames)
      var rates = [Float](repeating: 0, count: stretch.rows.count * cells.count)
      for (index, place) in stretch.places.enumerated() {
        for (column, cell) in cells.enumerated() {
          rates[place * cells.count + column] = all[index * stimulus.cellCount + cell]
        }
      }
      let counts = chosen(cells, stretch.counts)
      let mask = chosen(cells, stretch.mask)
      let images = stretch.images.values
      let shown = try whitener?(images, work: work) ?? images
      try fields.sums.add(images: shown, counts: counts, rates: rates, mask: mask, work: work)
      try fields.plain?.add(images: images, counts: counts, rates: rates, mask: mask, work: work)
    }
    return fields
  }

  /// Those during which the eye hardly moves, where that is asked for.
  private func slow(_ frames: [Int], _ speeds: [Double]?) throws -> [Int] {
    guard let maxEyeSpeed, let speeds else { return frames }
    let slow = frames.filter { speeds[$0] < maxEyeSpeed }
    guard !slow.isEmpty else {
      let slowest = frames.map { speeds[$0] }.filter(\.isFinite).min()
      throw Failure(
        .undefined, "\(source.label): the eye moves at \(maxEyeSpeed) deg/s or more in all \(frames.count) frames",
        hint: slowest.map { "the slowest is \(NumberText.rounded($0, decimals: 3)) deg/s" }
          ?? "no frame has a neighbour to tell its speed by")
    }
    return slow
  }

  /// From all valid frames, whatever the split, weighted by the share of cells that count there.
  private func whitener() throws -> SpatialWhitener {
    var covariance = FrameCovariance(pixelCount: stimulus.height * stimulus.width)
    try eachStretch(of: stimulus.validFrames(), lagCount: 1, title: "covariance of") { stretch in
      let cells = stimulus.cellCount
      let weights = stretch.rows.indices.map { row in
        stretch.mask[row * cells..<(row + 1) * cells].reduce(0, +) / Float(cells)
      }
      try covariance.add(images: stretch.images.values, weights: weights)
    }
    return try covariance.whitener()
  }

  private func eachStretch(
    of frames: [Int], lagCount: Int, title: String, _ body: (ShownStretch) throws -> Void
  ) throws {
    let pixels = stimulus.height * stimulus.width
    let progress = session.work.progress
    progress?.begin("\(title) \(source.label)", total: frames.count, unit: "frames")
    defer { progress?.end() }
    var done = 0
    let limit = max(4 * lagCount, Self.stretchValues / max(1, pixels))
    try stimulus.eachStretch(of: frames, lagCount: lagCount, rowLimit: limit) { stretch in
      try session.work.cancellation.check()
      guard stretch.images.rowCount == pixels else {
        throw Failure(.mismatch, "\(source.label): images of \(stretch.images.shape.dropFirst()) after its transforms")
      }
      try body(stretch)
      done += stretch.frames.count
      progress?.advance(to: done)
    }
  }

  /// Columns of the chosen cells.
  private func chosen(_ cells: [Int], _ values: [Float]) -> [Float] {
    let width = stimulus.cellCount
    if cells.count == width { return values }
    return stride(from: 0, to: values.count, by: width).flatMap { row in cells.map { values[row + $0] } }
  }
}

extension Signature {
  /// `TWIN`, then what else stands between, then `on REC/STIM` with which frames, lags and map.
  func measuredFields() -> Signature {
    argument("stimulus", .stimulus, "The recording's stimulus", keyword: "on")
      .flag(
        "split", .choice(["train", "val", "all"]), default: .string("all"), "Frames of this split of the trials"
      )
      .flag(
        "lags", .int, "How many lags, from the response's own bin backwards; those of the recording's YAML, else 18"
      )
      .flag("whiten", "Take correlations between pixels out of the frames first")
      .flag(
        "map", .choice(["larger", "sta", "ste"]), default: .string("larger"),
        "What latency and place are read off: STA (simple cells), STE (complex cells), or what has the larger SNR"
      )
      .flag(
        "max-eye-speed", .float, unit: "deg/s",
        "Leave out frames at which the eye moves as fast as this or faster; VisionCore's is 5"
      )
      .head()
      .behavior()
  }
}

extension Call {
  /// nil: the map with the larger signal to noise.
  var fieldMap: ReceptiveField.Map? { get throws { ReceptiveField.Map(rawValue: try string("map")) } }
}
