import Analysis
import Base
import Formats
import Language
import Layers
import Recordings
import Session

/// The stimulus window that excites a cell of the twin most.
struct MEICommand: Command {
  static let signature = Signature(
    "mei", in: "evaluation", "Most exciting input: the window that drives one cell hardest, by gradient ascent"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .argument("cid", .cell, "The cell's id")
  .argument("stimulus", .stimulus, "The recording's stimulus, for natural windows to compare with", keyword: "on")
  .flag("steps", .int, default: .int(100), "Steps of the ascent")
  .flag("starts", .int, default: .int(4), "Starts: the best natural window, then windows of noise")
  .flag(
    "contrast", .float,
    "Largest root mean square of the normalised pixels; by default that of the best natural window"
  )
  .flag(
    "smooth", .float, default: .double(0), unit: "px", "Smooth gradients in space: standard deviation of the Gaussian"
  )
  .flag("jitter", .int, default: .int(0), "Move windows by up to this many pixels in the first half of the steps")
  .flag("diversity", .float, default: .double(0), "Push starts apart: weight of the mean squared cosine between them")
  .flag("seed", .int, default: .int(1002), "Seed of noise and jitter")
  .head()
  .behavior()
  .flag("figure", .path, "Also write the figures to this file (.svg, .png or .pdf)")
  .flag("save", .path, "Also write all windows to this .npz file for numpy")
  .writes("figure", "save")
  .returns(.report)
  .searchTerms(
    "most exciting image", "most exciting input", "activation maximization", "optimal stimulus",
    "feature visualization",
    "preferred stimulus", "gradient ascent", "synthesis"
  )
  .details(
    """
    Pixels are normalised, (pixel - 127) / 255, so that 0 is grey, and stay within what a display can show. Contrast is the root \
    mean square of a window's pixels over all lags; a found window has no more of it than the best natural window, so \
    that their activations can be compared. Every start climbs in four ways, each with all --steps: along the running mean \
    of the gradients with Adam's scaling of pixels, and without it in steps of three lengths. Steps shorten to 0.005 of the \
    limit's norm; the best window on the way counts. \
    Behaviour and spike history are those of the best natural window. Lag 0 is the newest frame.

    --save writes windows (start, channel, lag, y, x), activations (Hz), natural (channel, lag, y, x), natural_activation.
    """)

  static let examples = [
    Example(
      "mei twin 8 on sim/gaborium --steps 40 --starts 2",
      "What drives cell 8 hardest, beside the best frame it was shown"),
    Example(
      "mei twin 8 on sim/gaborium --steps 40 --smooth 1 --save /tmp/vcsh-example-mei.npz",
      "The same with smooth gradients, for numpy"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let path = try call.optionalString("save").map { try session.output($0) }
    if let path, !path.hasSuffix(".npz") {
      throw Failure(.usage, "--save writes .npz", hint: "name a file such as mei.npz", span: call.span(of: "save"))
    }
    let starts = try call.count("starts", in: 1...64)
    if starts == 1, call.isGiven("diversity") {
      throw Failure(
        .usage, "--diversity does nothing with one start: it pushes starts apart",
        hint: "leave it out, or set --starts",
        span: call.span(of: "diversity"))
    }
    let shown = try ShownWindows(call, in: session)
    let natural = try shown.best()
    let settings = try Self.settings(call, natural: natural)
    let ascent = WindowAscent(settings, size: shown.grid)
    session.work.progress?.begin("ascent", total: ascent.evaluationCount, unit: "steps")
    defer { session.work.progress?.end() }
    var done = 0
    let inner = Work(cancellation: session.work.cancellation)
    let result = try ascent.climb(
      from: [natural.values] + ascent.noise(starts - 1), work: session.work
    ) { windows in
      defer {
        done += 1
        session.work.progress?.advance(to: done)
      }
      return try shown.activation(shown.input(natural.frame).showing(windows), work: inner)
    }
    let rate = shown.rateHz
    let report = ExcitingReport(
      title: shown.title, grid: shown.grid, rateHz: rate,
      natural: .init(
        name: "natural, frame \(natural.frame)", values: natural.values, activation: natural.activation * rate),
      found: result.activations.indices.map { index in
        .init(
          name: "start \(index + 1)",
          values: Array(result.windows[rows: index..<index + 1].values), activation: result.activations[index] * rate)
      },
      course: result.course.map { $0 * rate },
      note:
        "\(settings.steps) steps, contrast at most \(NumberText.rounded(settings.contrast, decimals: 4)); mean rate over "
        + "\(natural.count) natural windows \(NumberText.rounded(natural.mean * rate, decimals: 2)) Hz")
    if let path {
      try NpzWriter.write(Self.arrays(report, shown.grid), to: path)
      try session.wrote(path)
    }
    let drawn = report.make()
    try session.draw(drawn.figures, for: call)
    return .report(drawn)
  }

  private static func settings(_ call: Call, natural: ShownWindows.Best) throws -> WindowAscent.Settings {
    var settings = WindowAscent.Settings(contrast: WindowAscent.contrast(natural.values))
    if call.isGiven("contrast") { settings.contrast = try call.number("contrast", above: 0) }
    settings.range = WindowAscent.pixelRange.widened(to: natural.values)
    guard settings.contrast > 0 else {
      throw Failure(
        .undefined, "the best natural window is grey throughout, so it gives no limit of contrast",
        hint: "give --contrast", span: call.span)
    }
    settings.steps = try call.count("steps", in: 1...100_000)
    settings.jitter = try call.count("jitter", in: 0...1000)
    settings.smoothing = try call.number("smooth", from: 0)
    guard settings.smoothing <= 100 else {
      throw Failure(.usage, "--smooth is out of range", hint: "from 0 to 100 px", span: call.span(of: "smooth"))
    }
    settings.diversity = try call.number("diversity", from: 0)
    settings.seed = UInt32(try call.count("seed", in: 0...Int(UInt32.max)))
    return settings
  }

  private static func arrays(_ report: ExcitingReport, _ grid: FeatureShape) -> [NamedArray] {
    [
      NamedArray(
        "windows", shape: [report.found.count] + grid.windowAxes, values: .float32(report.found.flatMap(\.values))),
      NamedArray("activations", shape: [report.found.count], values: .float64(report.found.map(\.activation))),
      NamedArray("natural", shape: grid.windowAxes, values: .float32(report.natural.values)),
      NamedArray("natural_activation", shape: [], values: .float64([report.natural.activation])),
    ]
  }
}
