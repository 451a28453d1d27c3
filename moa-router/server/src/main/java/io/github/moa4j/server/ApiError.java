package io.github.moa4j.server;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.generation.CacheBudgetException;
import io.github.moa4j.core.generation.DeadlineExceededException;
import io.github.moa4j.core.generation.QueueFullException;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.template.TemplateException;
import io.github.moa4j.router.MixtureClosedException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client is told that gets no answer: a status, and an object in OpenAI's shape. */
final class ApiError extends MoaException {

  private static final long serialVersionUID = 1L;

  private static final Logger logger = LoggerFactory.getLogger(ApiError.class);

  private static final String BAD_REQUEST = "invalid_request_error";

  private final int status;
  private final String type;
  private final String code;
  private final String param; // null where no parameter is to blame

  private ApiError(int status, String type, String code, String param, String message) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
  }

  /** The request is wrong in one of its parameters; null if it is none of them. */
  static ApiError badRequest(String param, String message) {
    return new ApiError(400, BAD_REQUEST, "invalid_value", param, message);
  }

  /** The request asks for something that there is not. */
  static ApiError unsupported(String param, String message) {
    return new ApiError(400, BAD_REQUEST, "unsupported_parameter", param, message);
  }

  /** There is no such model, or none that the caller may know of. */
  static ApiError noModel(String name) {
    return new ApiError(
        404,
        BAD_REQUEST,
        "model_not_found",
        "model",
        "The model '" + Failure.quote(name) + "' does not exist or you do not have access to it.");
  }

  static ApiError noKey() {
    return new ApiError(
        401,
        BAD_REQUEST,
        "invalid_api_key",
        null,
        "A valid API key is needed: send it as 'Authorization: Bearer KEY'.");
  }

  static ApiError notAllowed(String message) {
    return new ApiError(403, "permission_error", "not_allowed", null, message);
  }

  static ApiError ofStatus(int status, String code, String message) {
    return new ApiError(status, BAD_REQUEST, code, null, message);
  }

  static ApiError tooMany(String message) {
    return new ApiError(429, "rate_limit_error", "too_many_requests", null, message);
  }

  static ApiError closing() {
    return new ApiError(503, "server_error", "closing", null, "The server is closing.");
  }

  /**
   * Returns what a client is told of something that went wrong with its request. What is not the
   * client's fault is logged, and told without details.
   */
  static ApiError of(Throwable e) {
    if (e instanceof ApiError known) {
      return known;
    }
    if (e instanceof ContextLengthException) {
      return new ApiError(400, BAD_REQUEST, "context_length_exceeded", "messages", e.getMessage());
    }
    if (e instanceof CacheBudgetException) {
      return badRequest("messages", e.getMessage());
    }
    if (e instanceof TemplateException refused) {
      return badRequest(
          "messages", "The model's chat template does not take them: " + refused.reason() + ".");
    }
    if (e instanceof ConstraintException) {
      return badRequest(null, e.getMessage());
    }
    if (e instanceof QueueFullException) {
      return tooMany(e.getMessage());
    }
    if (e instanceof DeadlineExceededException) {
      return new ApiError(504, "server_error", "deadline_exceeded", null, e.getMessage());
    }
    if (e instanceof MixtureClosedException) {
      return closing();
    }
    logger.warn("A request could not be answered", e);
    return new ApiError(
        500,
        "server_error",
        "internal_error",
        null,
        "The request could not be answered; the server's log says why.");
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  /** Returns the body of the response. */
  Map<String, Object> body() {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("message", getMessage());
    error.put("type", type);
    error.put("param", param);
    error.put("code", code);
    return Map.of("error", error);
  }
}
