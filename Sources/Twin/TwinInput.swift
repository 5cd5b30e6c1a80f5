import Base

/// What a twin is given.
public struct TwinInput: Sendable {
  /// Frames, each once, and which of them every sample shows.
  public struct Windows: Sendable {
    /// `[frame, channel, height, width]`, normalised ((pixel - 127) / 255).
    public var frames: Tensor
    /// For each sample, its frames at time index 0 (the newest), 1, …
    public var steps: [[Int]]

    public init(frames: Tensor, steps: [[Int]]) {
      self.frames = frames
      self.steps = steps
    }
  }

  /// `[batch, channel, time, height, width]`, normalised ((pixel - 127) / 255), time index 0 the newest frame.
  public var stimulus: Tensor?
  /// The same as frames that overlapping windows share: what is the same in several windows is computed once.
  public var windows: Windows?
  /// `[batch, column]`, or `[batch, time, column]` to be averaged over time.
  public var behavior: Tensor?
  /// `[batch, lag, cell]`
  public var history: Tensor?
  /// Leave the modulator out although the twin has one.
  public var skipsBehavior: Bool
  /// Type of the stimulus, `gaborium`, for a twin whose outputs are calibrated by it; nil where that is not known.
  public var stimulusName: String?
  /// Number of samples, for a twin that is given nothing else.
  public var sampleCount: Int?
  /// Samples to be worked on together; chosen where nil. The same group gives the same numbers to the last bit,
  /// another may round differently.
  public var groups: [Range<Int>]?

  public init(
    stimulus: Tensor? = nil, windows: Windows? = nil, behavior: Tensor? = nil, history: Tensor? = nil,
    skipsBehavior: Bool = false
  ) {
    self.stimulus = stimulus
    self.windows = windows
    self.behavior = behavior
    self.history = history
    self.skipsBehavior = skipsBehavior
  }
}
