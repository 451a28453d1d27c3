package io.github.moa4j.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.generation.CacheBudgetException;
import io.github.moa4j.core.generation.DeadlineExceededException;
import io.github.moa4j.core.generation.QueueFullException;
import io.github.moa4j.core.lora.UnknownDomainException;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.template.TemplateException;
import java.util.concurrent.CompletionException;

/** What a mixture throws as LangChain4j's exceptions, by which its callers know what to do. */
final class Failures {

  private Failures() {}

  /** Returns what LangChain4j is told; the mixture's own exception is the cause. */
  static LangChain4jException of(Throwable failure) {
    if (failure instanceof CompletionException wrapped && wrapped.getCause() != null) {
      return of(wrapped.getCause());
    }
    if (failure instanceof LangChain4jException known) {
      return known;
    }
    String message = failure.getMessage();
    if (failure instanceof ContextLengthException
        || failure instanceof CacheBudgetException
        || failure instanceof TemplateException) {
      return new InvalidRequestException(message, failure);
    }
    if (failure instanceof UnknownDomainException) {
      return new ModelNotFoundException(message, failure);
    }
    if (failure instanceof QueueFullException) {
      return new RateLimitException(message, failure);
    }
    if (failure instanceof DeadlineExceededException) {
      return new TimeoutException(message, failure);
    }
    if (failure instanceof ConstraintException) {
      LangChain4jException unsupported = new UnsupportedFeatureException(message);
      unsupported.initCause(failure);
      return unsupported;
    }
    return new LangChain4jException(message, failure);
  }
}
