/// Predictions of a set of cells on one stimulus: made by a twin, or opened from a file made elsewhere.
public struct PredictionsPayload: Payload {
  public static let kind = KindName.predictions

  public var session: String?
  public var stimulus: String?
  public var split: String?
  public var frames: Int
  public var cids: [Int]
  /// Bins per second; nil where the file does not say.
  public var rateHz: Double?
  /// Bins per second as the user gave them when the file was opened: they stand for the file's own.
  public var givenRate: Double?
  /// Digest of the npz object, for predictions made here.
  public var object: String?
  /// The file, for predictions made elsewhere.
  public var file: FileReference?
  /// The stimulus, where the file holds arrays of several.
  public var part: String?
  public var twin: Int64?
  public var recording: Int64?
  /// The calibration that was applied, by version.
  public var calibration: Int64?
  /// How the rates were made, e.g. `without behaviour`; nil where earlier versions of vcsh kept them.
  public var rates: String?

  public init(
    session: String?, stimulus: String?, split: String?, frames: Int, cids: [Int], rateHz: Double?,
    object: String? = nil, file: FileReference? = nil, part: String? = nil, twin: Int64? = nil, recording: Int64? = nil,
    calibration: Int64? = nil, rates: String? = nil
  ) {
    self.session = session
    self.stimulus = stimulus
    self.split = split
    self.frames = frames
    self.cids = cids
    self.rateHz = rateHz
    self.object = object
    self.file = file
    self.part = part
    self.twin = twin
    self.recording = recording
    self.calibration = calibration
    self.rates = rates
  }

  public var objects: [String] { [object].compactMap(\.self) }
  public var files: [FileReference] { [file].compactMap(\.self) }
  public var sources: [Int64] { [twin, recording, calibration].compactMap(\.self) }

  public func moved(version: (Int64) -> Int64?, path: (String) -> String) -> PredictionsPayload {
    var copy = self
    copy.file?.path = file.map { path($0.path) } ?? ""
    copy.twin = twin.flatMap(version)
    copy.recording = recording.flatMap(version)
    copy.calibration = calibration.flatMap(version)
    return copy
  }

  public var essence: PredictionsPayload {
    var copy = self
    copy.file?.path = ""
    copy.twin = nil
    copy.recording = nil
    copy.calibration = nil
    return copy
  }
}

extension KindName {
  public static let predictions = KindName(rawValue: "predictions")
}
