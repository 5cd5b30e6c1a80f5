/// What vcsh writes about itself into documents.
public enum ThisProgram {
  public static let version = "0.1.0"
}
