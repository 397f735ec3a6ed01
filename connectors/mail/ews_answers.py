"""What each answer of Exchange Web Services means to the engine: every error class of exchangelib has its place."""

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.base import AuthFailed, ConnectorError, MessageGone, RateLimited, Refused, Unavailable

PAUSE_S = 60.0
_OUTAGE = ("Reraised from", "Caused by")
"""How exchangelib begins an ErrorServerBusy that it made of a broken connection or an HTTP 5xx."""
_RATE = frozenset(
    """
    ErrorExceededConnectionCount ErrorExceededFindCountLimit ErrorExceededSubscriptionCount
    ErrorIndividualMailboxLimitReached ErrorServerBusy ErrorSubmissionQuotaExceeded ErrorTooManyObjectsOpened
    RateLimitError
    """.split()
)
_AUTH = frozenset(
    """
    ErrorAccessDenied ErrorAccountDisabled ErrorCallerIsInvalidADAccount ErrorCreateItemAccessDenied
    ErrorCreateSubfolderAccessDenied ErrorImpersonateUserDenied ErrorImpersonationDenied ErrorImpersonationFailed
    ErrorInvalidAuthorizationContext ErrorInvalidClientSecurityContext ErrorInvalidCrossForestCredentials
    ErrorInvalidLogonType ErrorInvalidNetworkServiceContext ErrorInvalidProxySecurityContext
    ErrorInvalidSerializedAccessToken ErrorLogonAsNetworkServiceFailed ErrorMailboxLogonFailed
    ErrorNonExistentMailbox ErrorPasswordChangeRequired ErrorPasswordExpired ErrorProxyTokenExpired
    ErrorSubscriptionAccessDenied ErrorTokenSerializationDenied ErrorUserNotAllowedByPolicy UnauthorizedError
    """.split()
)
_GONE = frozenset({"DoesNotExist", "ErrorItemNotFound", "ErrorVirusMessageDeleted"})
_LATER = frozenset(
    """
    AutoDiscoverError AutoDiscoverFailed CASError ErrorADOperation ErrorADSessionFilter ErrorADUnavailable
    ErrorBatchProcessingStopped ErrorChangeKeyRequired ErrorClientDisconnected ErrorConnectionFailed
    ErrorConnectionFailedTransientError ErrorDataSourceOperation ErrorEventNotFound ErrorExpiredSubscription
    ErrorFolderCorrupt ErrorFolderNotFound ErrorFolderPropertyRequestFailed ErrorFolderSave ErrorFolderSaveFailed
    ErrorInsufficientResources ErrorInternalServerError ErrorInternalServerTransientError ErrorInvalidChangeKey
    ErrorInvalidPullSubscriptionId ErrorInvalidSubscription ErrorInvalidSyncStateData ErrorInvalidWatermark
    ErrorIrresolvableConflict ErrorItemPropertyRequestFailed ErrorItemSave ErrorLocalServerObjectNotFound
    ErrorMailboxFailover ErrorMailboxMoveInProgress ErrorMailboxStoreUnavailable
    ErrorMessageTrackingTransientError ErrorMissedNotificationEvents ErrorMoveCopyFailed
    ErrorNewEventStreamConnectionOpened ErrorNoApplicableProxyCASServersAvailable
    ErrorNoPublicFolderReplicaAvailable ErrorNoPublicFolderServerAvailable ErrorNoRespondingCASInDestinationSite
    ErrorNotEnoughMemory ErrorParentFolderNotFound ErrorProxiedSubscriptionCallFailure ErrorProxyCallFailed
    ErrorProxyRequestProcessingFailed ErrorProxyServiceDiscoveryFailed ErrorPublicFolderRequestProcessingFailed
    ErrorReadEventsFailed ErrorRequestAborted ErrorSavedItemFolderNotFound ErrorSearchFolderNotInitialized
    ErrorServiceDiscoveryFailed ErrorStaleObject ErrorSubscriptionNotFound ErrorSubscriptionUnsubsribed
    ErrorSyncFolderNotFound ErrorTimeoutExpired ErrorToFolderNotFound ErrorWebRequestInInvalidState
    ErrorWin32InteropError EWSError EWSWarning MalformedResponseError ResponseMessageError
    SessionPoolMaxSizeReached SessionPoolMinSizeReached SOAPError TransportError
    """.split()
)
_NEVER = frozenset(
    """
    AutoDiscoverCircularRedirect ErrorAccessModeSpecified ErrorAddDelegatesFailed ErrorAddressSpaceNotFound
    ErrorAffectedTaskOccurrencesRequired ErrorApplyConversationActionFailed ErrorAttachmentSizeLimitExceeded
    ErrorAutoDiscoverFailed ErrorAvailabilityConfigNotFound ErrorCalendarCannotMoveOrCopyOccurrence
    ErrorCalendarCannotUpdateDeletedItem ErrorCalendarCannotUseIdForOccurrenceId
    ErrorCalendarCannotUseIdForRecurringMasterId ErrorCalendarDurationIsTooLong
    ErrorCalendarEndDateIsEarlierThanStartDate ErrorCalendarFolderIsInvalidForCalendarView
    ErrorCalendarInvalidAttributeValue ErrorCalendarInvalidDayForTimeChangePattern
    ErrorCalendarInvalidDayForWeeklyRecurrence ErrorCalendarInvalidPropertyState ErrorCalendarInvalidPropertyValue
    ErrorCalendarInvalidRecurrence ErrorCalendarInvalidTimeZone ErrorCalendarIsCancelledForAccept
    ErrorCalendarIsCancelledForDecline ErrorCalendarIsCancelledForRemove ErrorCalendarIsCancelledForTentative
    ErrorCalendarIsDelegatedForAccept ErrorCalendarIsDelegatedForDecline ErrorCalendarIsDelegatedForRemove
    ErrorCalendarIsDelegatedForTentative ErrorCalendarIsNotOrganizer ErrorCalendarIsOrganizerForAccept
    ErrorCalendarIsOrganizerForDecline ErrorCalendarIsOrganizerForRemove ErrorCalendarIsOrganizerForTentative
    ErrorCalendarMeetingRequestIsOutOfDate ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange
    ErrorCalendarOccurrenceIsDeletedFromRecurrence ErrorCalendarOutOfRange ErrorCalendarViewRangeTooBig
    ErrorCannotCreateCalendarItemInNonCalendarFolder ErrorCannotCreateContactInNonContactFolder
    ErrorCannotCreatePostItemInNonMailFolder ErrorCannotCreateTaskInNonTaskFolder ErrorCannotDeleteObject
    ErrorCannotDeleteTaskOccurrence ErrorCannotEmptyFolder ErrorCannotOpenFileAttachment
    ErrorCannotSetCalendarPermissionOnNonCalendarFolder ErrorCannotSetNonCalendarPermissionOnCalendarFolder
    ErrorCannotSetPermissionUnknownEntries ErrorCannotUseFolderIdForItemId ErrorCannotUseItemIdForFolderId
    ErrorChangeKeyRequiredForWriteOperations ErrorContainsFilterWrongType ErrorContentConversionFailed
    ErrorCorruptData ErrorCreateManagedFolderPartialCompletion ErrorCrossMailboxMoveCopy ErrorCrossSiteRequest
    ErrorDataSizeLimitExceeded ErrorDelegateAlreadyExists ErrorDelegateCannotAddOwner
    ErrorDelegateMissingConfiguration ErrorDelegateNoUser ErrorDelegateValidationFailed
    ErrorDeleteDistinguishedFolder ErrorDeleteItemsFailed ErrorDistinguishedUserNotSupported
    ErrorDistributionListMemberNotExist ErrorDuplicateInputFolderNames ErrorDuplicateSOAPHeader
    ErrorDuplicateUserIdsSpecified ErrorEmailAddressMismatch ErrorFolderExists ErrorFolderSavePropertyError
    ErrorFreeBusyDLLimitReached ErrorFreeBusyGenerationFailed ErrorGetServerSecurityDescriptorFailed
    ErrorInboxRulesValidationError ErrorIncorrectSchemaVersion ErrorIncorrectUpdatePropertyCount
    ErrorInvalidAccessLevel ErrorInvalidArgument ErrorInvalidAttachmentId ErrorInvalidAttachmentSubfilter
    ErrorInvalidAttachmentSubfilterTextFilter ErrorInvalidCompleteDate ErrorInvalidContactEmailAddress
    ErrorInvalidContactEmailIndex ErrorInvalidDelegatePermission ErrorInvalidDelegateUserId
    ErrorInvalidExchangeImpersonationHeaderData ErrorInvalidExcludesRestriction
    ErrorInvalidExpressionTypeForSubFilter ErrorInvalidExtendedProperty ErrorInvalidExtendedPropertyValue
    ErrorInvalidExternalSharingInitiator ErrorInvalidExternalSharingSubscriber ErrorInvalidFederatedOrganizationId
    ErrorInvalidFolderId ErrorInvalidFolderTypeForOperation ErrorInvalidFractionalPagingParameters
    ErrorInvalidFreeBusyViewType ErrorInvalidGetSharingFolderRequest ErrorInvalidId ErrorInvalidIdEmpty
    ErrorInvalidIdMalformed ErrorInvalidIdMalformedEwsLegacyIdFormat ErrorInvalidIdMonikerTooLong
    ErrorInvalidIdNotAnItemAttachmentId ErrorInvalidIdReturnedByResolveNames ErrorInvalidIdStoreObjectIdTooLong
    ErrorInvalidIdTooManyAttachmentLevels ErrorInvalidIdXml ErrorInvalidIndexedPagingParameters
    ErrorInvalidInternetHeaderChildNodes ErrorInvalidItemForOperationAcceptItem
    ErrorInvalidItemForOperationCancelItem ErrorInvalidItemForOperationCreateItem
    ErrorInvalidItemForOperationCreateItemAttachment ErrorInvalidItemForOperationDeclineItem
    ErrorInvalidItemForOperationExpandDL ErrorInvalidItemForOperationRemoveItem
    ErrorInvalidItemForOperationSendItem ErrorInvalidItemForOperationTentative ErrorInvalidLicense
    ErrorInvalidMailbox ErrorInvalidManagedFolderProperty ErrorInvalidManagedFolderQuota
    ErrorInvalidManagedFolderSize ErrorInvalidMergedFreeBusyInterval ErrorInvalidNameForNameResolution
    ErrorInvalidOofParameter ErrorInvalidOperation ErrorInvalidOrganizationRelationshipForFreeBusy
    ErrorInvalidPagingMaxRows ErrorInvalidParentFolder ErrorInvalidPercentCompleteValue
    ErrorInvalidPermissionSettings ErrorInvalidPhoneCallId ErrorInvalidPhoneNumber ErrorInvalidPropertyAppend
    ErrorInvalidPropertyDelete ErrorInvalidPropertyForExists ErrorInvalidPropertyForOperation
    ErrorInvalidPropertyRequest ErrorInvalidPropertySet ErrorInvalidPropertyUpdateSentMessage
    ErrorInvalidPushSubscriptionUrl ErrorInvalidRecipients ErrorInvalidRecipientSubfilter
    ErrorInvalidRecipientSubfilterComparison ErrorInvalidRecipientSubfilterOrder
    ErrorInvalidRecipientSubfilterTextFilter ErrorInvalidReferenceItem ErrorInvalidRequest ErrorInvalidRestriction
    ErrorInvalidRoutingType ErrorInvalidScheduledOofDuration ErrorInvalidSchemaVersionForMailboxVersion
    ErrorInvalidSecurityDescriptor ErrorInvalidSendItemSaveSettings ErrorInvalidServerVersion
    ErrorInvalidSharingData ErrorInvalidSharingMessage ErrorInvalidSid ErrorInvalidSIPUri ErrorInvalidSmtpAddress
    ErrorInvalidSubfilterType ErrorInvalidSubfilterTypeNotAttendeeType ErrorInvalidSubfilterTypeNotRecipientType
    ErrorInvalidSubscriptionRequest ErrorInvalidTimeInterval ErrorInvalidUserInfo ErrorInvalidUserOofSettings
    ErrorInvalidUserPrincipalName ErrorInvalidUserSid ErrorInvalidUserSidMissingUPN ErrorInvalidValueForProperty
    ErrorIPGatewayNotFound ErrorItemCorrupt ErrorItemSavePropertyError ErrorLegacyMailboxFreeBusyViewTypeNotMerged
    ErrorMailboxConfiguration ErrorMailboxDataArrayEmpty ErrorMailboxDataArrayTooBig ErrorMailRecipientNotFound
    ErrorMailTipsDisabled ErrorManagedFolderAlreadyExists ErrorManagedFolderNotFound
    ErrorManagedFoldersRootFailure ErrorMeetingSuggestionGenerationFailed ErrorMessageDispositionRequired
    ErrorMessageSizeExceeded ErrorMessageTrackingNoSuchDomain ErrorMessageTrackingPermanentError
    ErrorMimeContentConversionFailed ErrorMimeContentInvalid ErrorMimeContentInvalidBase64String
    ErrorMissingArgument ErrorMissingEmailAddress ErrorMissingEmailAddressForManagedFolder
    ErrorMissingInformationEmailAddress ErrorMissingInformationReferenceItemId
    ErrorMissingInformationSharingFolderId ErrorMissingItemForCreateItemAttachment ErrorMissingManagedFolderId
    ErrorMissingRecipients ErrorMissingUserIdInformation ErrorMoreThanOneAccessModeSpecified
    ErrorMoveDistinguishedFolder ErrorNameResolutionMultipleResults ErrorNameResolutionNoMailbox
    ErrorNameResolutionNoResults ErrorNoCalendar ErrorNoDestinationCASDueToKerberosRequirements
    ErrorNoDestinationCASDueToSSLRequirements ErrorNoDestinationCASDueToVersionMismatch ErrorNoFolderClassOverride
    ErrorNoFreeBusyAccess ErrorNonPrimarySmtpAddress ErrorNoPropertyTagForCustomProperties
    ErrorNotAllowedExternalSharingByPolicy ErrorNotDelegate ErrorNotSupportedSharingMessage ErrorObjectTypeChanged
    ErrorOccurrenceCrossingBoundary ErrorOccurrenceTimeSpanTooBig ErrorOperationNotAllowedWithPublicFolderRoot
    ErrorOrganizationNotFederated ErrorOutlookRuleBlobExists ErrorParentFolderIdRequired
    ErrorPermissionNotAllowedByPolicy ErrorPhoneNumberNotDialable ErrorPropertyUpdate
    ErrorPropertyValidationFailure ErrorProxyGroupSidLimitExceeded ErrorProxyRequestNotAllowed
    ErrorPublicFolderServerNotFound ErrorQueryFilterTooLong ErrorQuotaExceeded ErrorReadReceiptNotPending
    ErrorRecoverableItemsAccessDenied ErrorRecurrenceEndDateTooBig ErrorRecurrenceHasNoOccurrence
    ErrorRemoveDelegatesFailed ErrorRequestStreamTooBig ErrorRequiredPropertyMissing
    ErrorResolveNamesInvalidFolderType ErrorResolveNamesOnlyOneContactsFolderAllowed ErrorResponseSchemaValidation
    ErrorRestrictionTooComplex ErrorRestrictionTooLong ErrorResultSetTooBig ErrorRulesOverQuota
    ErrorSchemaValidation ErrorSendAsDenied ErrorSendMeetingCancellationsRequired
    ErrorSendMeetingInvitationsOrCancellationsRequired ErrorSendMeetingInvitationsRequired
    ErrorSentMeetingRequestUpdate ErrorSentTaskRequestUpdate ErrorSharingNoExternalEwsAvailable
    ErrorSharingSynchronizationFailed ErrorSubscriptionDelegateAccessNotSupported ErrorTimeIntervalTooBig
    ErrorTimeZone ErrorUnableToGetUserOofSettings ErrorUnifiedMessagingDialPlanNotFound
    ErrorUnifiedMessagingRequestFailed ErrorUnifiedMessagingServerNotFound ErrorUnsupportedCulture
    ErrorUnsupportedMapiPropertyType ErrorUnsupportedMimeConversion ErrorUnsupportedPathForQuery
    ErrorUnsupportedPathForSortGroup ErrorUnsupportedPropertyDefinition ErrorUnsupportedQueryFilter
    ErrorUnsupportedRecurrence ErrorUnsupportedSubFilter ErrorUnsupportedTypeForConversion
    ErrorUpdateDelegatesFailed ErrorUpdatePropertyMismatch ErrorUserNotUnifiedMessagingEnabled
    ErrorUserWithoutFederatedProxyAddress ErrorValueOutOfRange ErrorVirusDetected ErrorVoiceMailNotImplemented
    ErrorWorkingHoursSaveFailed ErrorWorkingHoursXmlMalformed ErrorWrongServerVersion
    ErrorWrongServerVersionDelegate InvalidEnumValue InvalidTypeError MultipleObjectsReturned
    NaiveDateTimeNotAllowed RedirectError RelativeRedirect UnknownTimeZone
    """.split()
)
"""Source: the ResponseCode pages of the EWS reference, read November 2026; what no retry would change."""
_KINDS: tuple[tuple[frozenset[str], type[ConnectorError]], ...] = (
    (_AUTH, AuthFailed),
    (_GONE, MessageGone),
    (_LATER, Unavailable),
    (_NEVER, Refused),
)


def is_known(name: str) -> bool:
    """True when the class `name` has its place."""
    return name in _RATE or any(name in names for names, _ in _KINDS)


def meaning(error: Exception) -> ConnectorError:
    """Return what the engine shall do after `error`."""
    name = type(error).__name__
    text = f"Exchange: {name}: {' '.join(str(error).split())[:200]}"
    if name in _RATE and not str(error).startswith(_OUTAGE):
        pause = getattr(error, "back_off", None) or getattr(error, "wait", None) or PAUSE_S
        return RateLimited(text, float(pause))
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Refused(f"{text}; name the authority that signed it in ca_file")
    return next((kind for names, kind in _KINDS if name in names), Unavailable)(text)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what exchangelib and its HTTP client raise into what the engine understands.

    Raises:
        ConnectorError: By what the engine shall do next.
    """
    from exchangelib import errors

    own = (errors.EWSError, errors.DoesNotExist, errors.MultipleObjectsReturned)
    wrong_call = (errors.InvalidEnumValue, errors.InvalidTypeError, errors.NaiveDateTimeNotAllowed)
    try:
        yield
    except (*own, *wrong_call, OSError) as error:
        raise meaning(error) from error
